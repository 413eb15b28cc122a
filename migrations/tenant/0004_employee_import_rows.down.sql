DROP TABLE employee_import_rows;
