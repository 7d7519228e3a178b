//! What bonds are for.

use super::*;

#[test]
fn both_read_what_the_other_says_on_all_their_devices() {
    let mut couple = Couple::active();
    couple.is_faultless();
    for (n, text) in [
        (OWNER, "one"),
        (PHONE, "two"),
        (TABLET, "three"),
        (SUPPORTER, "four"),
    ] {
        couple.say(n, text);
    }
    couple.ends_well();
    couple.is_faultless();
}

#[test]
fn b5_what_one_of_them_takes_back_is_gone_for_both() {
    let mut couple = Couple::active();
    let copy = couple.say(OWNER, "shared");
    let reply = couple.say(SUPPORTER, "a reply");
    couple.say(PHONE, "kept");
    couple.settle();
    couple.forget(TABLET, copy);
    couple.forget(PHONE, reply);
    couple.ends_well();
    couple.is_faultless();
}

#[test]
fn b5_after_an_end_nothing_is_left_by_whomever_it_is_ended() {
    for by in [OWNER, TABLET, SUPPORTER, PHONE] {
        let mut couple = Couple::active();
        couple.say(OWNER, "shared");
        couple.say(SUPPORTER, "a reply");
        couple.settle();
        couple.end(by);
        couple.say(OWNER, "too late");
        couple.ends_well();
        couple.is_faultless();
    }
}
