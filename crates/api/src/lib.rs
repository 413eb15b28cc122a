//! The JSON API
