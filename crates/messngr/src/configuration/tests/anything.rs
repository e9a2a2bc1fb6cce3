use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_file_and_no_variable_panics_and_mistakes_are_never_an_empty_list(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        text in "((\\[(doors\\.xmpp|doors|limits|log|x)\\]|(domain|enabled|listen|level|url) ?= ?(true|7|\"a\"|\\[\"a\", 1\\]|\\{a=1\\}|.{0,9}))\n){0,8}",
        variable in "MESSNGR_(DOMAIN|DATA_DIR|DOORS_XMPP_LISTEN|LIMITS_CONNECTIONS_MAX|[A-Z_]{0,9})",
        value in "\\PC{0,20}",
    ) {
        let host = Host::new().with(&variable, &value);
        for contents in [bytes.as_slice(), text.as_bytes()] {
            if let Err(mistakes) = host.load_bytes(contents, &Overrides::default()) {
                prop_assert!(!mistakes.is_empty());
                for mistake in mistakes {
                    prop_assert!((2..=3).contains(&mistake.to_string().lines().count()), "{mistake}");
                    prop_assert!(!mistake.what.contains("do not make a configuration"), "{mistake}");
                    prop_assert!(mistake.to_json().is_object());
                }
            }
        }
    }
}
