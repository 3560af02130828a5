//! What `std`'s prelude would have given: the names of `alloc` that nearly every room uses.
#[allow(unused_imports)] // a prelude offers; a room takes what it needs
pub(crate) use alloc::{
    borrow::ToOwned,
    boxed::Box,
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    sync::Arc,
    vec,
    vec::Vec,
};
