ALTER TABLE api_tokens DROP COLUMN made_by;
DROP INDEX users_search_idx, users_status_email_idx;
