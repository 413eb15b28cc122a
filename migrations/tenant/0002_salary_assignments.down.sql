DROP TABLE salary_assignments;
