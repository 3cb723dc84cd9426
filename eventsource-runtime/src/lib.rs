#![cfg_attr(docsrs, feature(doc_cfg), doc(auto_cfg))]
#![doc = include_str!("../README.md")]
