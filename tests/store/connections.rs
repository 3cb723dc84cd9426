//! What connections are like.
