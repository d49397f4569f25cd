SELECT '${not a placeholder';
