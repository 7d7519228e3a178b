use super::*;
use crate::{Signature, logs::LogKind};

#[test]
fn s1_a_reply_that_shows_more_links_than_one_may_is_refused() {
    let link = TravelLink {
        kind: LogKind::Account,
        bytes: Vec::new(),
        signature: Signature::from_bytes([0; 64]),
        blob: None,
    };
    for (more, is_read) in [(0, true), (1, false)] {
        let links = vec![link.clone(); limits::MAX_LINKS_PER_SYNC + more];
        let news = RelayFrame::News(News {
            links: links.clone(),
            space: None,
            records: Vec::new(),
        });
        assert_eq!(RelayFrame::from_bytes(&news.to_bytes()).is_ok(), is_read);
        let reply = SyncReply {
            generation: Generation::from_bytes([1; 16]),
            append: AppendOutcome::Nothing,
            links,
            behind: Vec::new(),
            spaces: Vec::new(),
        };
        assert_eq!(SyncReply::from_bytes(&reply.to_bytes()).is_ok(), is_read);
    }
}
