# Verbs of this repository. `just` lists them; each is one line that can be typed by hand.

# Lists the verbs.
default:
    @just --list

# Runs the tests; arguments go to `cargo test`.
test *arguments:
    ./test {{arguments}}

# Runs what a change has to pass, without the tests.
lint:
    .ci/run lint

# Runs what a change has to pass.
ci:
    .ci/run

# Writes all recorded outputs anew; read the difference before you commit it.
bless *arguments:
    BLESS=1 ./test {{arguments}}

# Measures the store beside its peers; see benches/README.md for the other measurements.
bench *arguments:
    cd benches/peers && cargo run --release -- {{arguments}}

# Builds the documentation as docs.rs does, and opens it.
docs:
    RUSTDOCFLAGS="--cfg docsrs" cargo +nightly doc --no-deps --all-features --open -p eventsource-core -p eventsource-rest -p eventsource-model

# Checks licences, advisories and duplicates of dependencies (cargo install cargo-deny).
deny:
    cargo deny check

# Checks spelling (pip install typos).
typos:
    typos

# Compares the public API with the last release (cargo install cargo-semver-checks); none exists before 0.1.0.
semver:
    cargo semver-checks --workspace
