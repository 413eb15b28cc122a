//! Use cases: permission, load, rule, save, audit; what every front door calls
