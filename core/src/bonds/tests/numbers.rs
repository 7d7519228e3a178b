//! The number: equal where both see the same, another where any key differs.

use super::super::Number;
use super::{Pair, Person};
use daymark_wire::{SpaceId, logs::BondAccounts};

const BOND: SpaceId = SpaceId::from_bytes([1; 16]);

fn number(bond: SpaceId, owner: &Person, supporter: &Person) -> Number {
    let accounts = BondAccounts {
        owner: &owner.account,
        supporter: Some(&supporter.account),
    };
    Number::of(bond, accounts).unwrap()
}

#[test]
fn it_prints_no_digit() {
    let pair = Pair::new();
    let number = number(BOND, &pair.owner, &pair.supporter);
    assert_eq!(format!("{number:?}"), "Number([redacted])");
}

#[test]
fn both_sides_see_the_same_number() {
    let mut pair = Pair::new();
    let both = |pair: &Pair| {
        let (ours, theirs) = (&pair.logs, &pair.accepted.logs);
        let ours = Number::of(ours.space(), ours.accounts(&pair.owner.account)).unwrap();
        let theirs = Number::of(theirs.space(), theirs.accounts(&pair.supporter.account)).unwrap();
        assert_eq!(ours, theirs);
        assert_eq!(theirs.to_string().parse(), Ok(ours));
        ours
    };
    let before = both(&pair);
    pair.owner.replace_account_key();
    pair.both_take(&[]);
    assert_ne!(both(&pair), before);
}

#[test]
fn another_key_account_or_bond_gives_another_number() {
    type Change = fn(&mut Person);
    let changes: [Change; 2] = [Person::replace_account_key, Person::replace_root];
    let (owner, supporter) = (Person::new(1), Person::new(2));
    let mut seen = vec![
        number(BOND, &owner, &supporter),
        number(BOND, &supporter, &owner),
        number(SpaceId::from_bytes([2; 16]), &owner, &supporter),
        number(BOND, &owner, &Person::new(3)),
        number(BOND, &Person::new(3), &supporter),
    ];
    for change in changes {
        let (mut changed, mut other) = (Person::new(1), Person::new(2));
        change(&mut changed);
        change(&mut other);
        seen.push(number(BOND, &changed, &supporter));
        seen.push(number(BOND, &owner, &other));
    }
    for (place, one) in seen.iter().enumerate() {
        assert!(!seen[..place].contains(one), "{place}");
    }
}

#[test]
fn there_is_no_number_while_nobody_has_accepted() {
    let owner = Person::new(1);
    let invited = owner.invite();
    let accounts = invited.logs.accounts(&owner.account);
    assert_eq!(Number::of(invited.logs.space(), accounts), None);
}
