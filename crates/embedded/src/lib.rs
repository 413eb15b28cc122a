//! A private PostgreSQL that the program starts and stops itself
