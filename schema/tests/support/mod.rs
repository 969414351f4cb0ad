//! A small log made from seeds: the same keys, bytes and ids on every run.
#![allow(dead_code)]

pub mod village;
pub mod world;
