DELETE FROM cache_stamps WHERE area IN ('settings', 'flags');
DROP TABLE appraisal_forms, document_metadata, tenant_settings, feature_flags, settings_audit;
