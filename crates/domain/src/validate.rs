//! Validation of what people type: each rule returns a code of the catalogue.
