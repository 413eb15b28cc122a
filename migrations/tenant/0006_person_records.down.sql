DROP TABLE identity_documents;
DROP TABLE bank_accounts;
DROP TABLE emergency_contacts;
DROP TABLE custom_fields;
