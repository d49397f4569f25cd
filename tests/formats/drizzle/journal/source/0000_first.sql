CREATE TABLE `first` (
	`id` integer PRIMARY KEY NOT NULL
)
--> statement-breakpoint
CREATE UNIQUE INDEX `first_id` ON `first` (`id`);--> statement-breakpoint

--> statement-breakpoint
INSERT INTO first VALUES (1); INSERT INTO first VALUES (2)
