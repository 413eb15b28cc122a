ALTER TABLE api_tokens DROP COLUMN permissions;
DROP TABLE sign_in_failures;
DROP TABLE password_resets;
DROP TABLE sessions;
