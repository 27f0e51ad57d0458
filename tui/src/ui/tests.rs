//! What the screen looks like in every state of the data, at three sizes, with and without colour; and that no size and no
//! text breaks it.

mod fixture;
mod frames;
mod meaning;
mod render;
mod sizes;
mod stages;
