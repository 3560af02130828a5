//! The real process against a hostile world: other people's SDKs, mail servers that lie, kills at
//! any moment, people who unsubscribe in the middle of a campaign. Every test starts `cauce serve`
//! with a configuration of its own on a free port of the loopback address.

mod access;
mod answers;
mod cli;
mod crash;
mod documented;
mod law;
mod links;
mod overload;
mod pausing;
mod providers;
mod restart;
mod returning;
mod rooms;
mod segment;
mod sending;
mod sharing;
mod sources;
mod texts;
mod transactional;
mod unsubscribe;
mod who;
mod world;
