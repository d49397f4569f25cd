CREATE TABLE `a` (`id` INT);
