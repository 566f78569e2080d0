//! paydeck
