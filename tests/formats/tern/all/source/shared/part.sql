select {{ .x }};
