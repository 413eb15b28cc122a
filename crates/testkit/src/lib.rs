//! Real test databases, fixtures and a clock that stands still; only for tests
