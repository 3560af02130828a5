//! Text messages: alphabets, parts and their price, who may write, and what an answer means.

pub mod alphabet;
pub mod countries;
pub mod inbound;
mod keywords;
pub mod links;
mod price;
pub mod sender;
mod split;
mod transliterate;

pub use keywords::{Keyword, keyword};
pub use price::{Fare, Prices, Sum, fares};
pub use split::{Limits, Preview, encoding_of, preview, split};
pub use transliterate::transliterate;
