use sanwu_schema::kinds::Kind;
use sanwu_schema::record::statement::ChainId;
use sanwu_schema::sample::UNIT_NAME;

use super::{View, Views};
use crate::log::tests::Bed;
use crate::log::tests::village::{chain, notices};

#[tokio::test]
async fn a_view_that_follows_and_one_that_is_rebuilt_are_equal() {
    let bed = Bed::with_village().await;
    let views = Views::new(bed.reader().clone());
    let opened = views.chain(&chain()).unwrap().unwrap();
    assert_eq!((opened.cursor(), opened.unit_name.as_str()), (1, UNIT_NAME));

    for names in [&["甲"][..], &["乙", "丙"]] {
        bed.log().submit(notices(bed.reader(), names)).await.unwrap();
        bed.published().await;
        let followed = views.chain(&chain()).unwrap().unwrap();
        let rebuilt = Views::new(bed.reader().clone()).chain(&chain()).unwrap().unwrap();
        assert_eq!(followed, rebuilt);
    }

    let followed = views.chain(&chain()).unwrap().unwrap();
    assert_eq!(followed.cursor(), 4);
    let listed: Vec<(Kind, &str)> = followed.entries.iter().map(|e| (e.kind, e.title.as_str())).collect();
    assert_eq!(
        listed,
        [
            (Kind::ChainGenesis, "示例县清河镇柳溪村开账"),
            (Kind::Notice, "公告甲"),
            (Kind::Notice, "公告乙"),
            (Kind::Notice, "公告丙")
        ]
    );
    // Readers keep the view that they were given.
    assert_eq!(opened.cursor(), 1);
    assert_eq!(views.name(&chain()).unwrap(), UNIT_NAME);
}

#[tokio::test]
async fn a_chain_that_does_not_exist_has_no_view() {
    let bed = Bed::with_village().await;
    let views = Views::new(bed.reader().clone());
    assert!(views.chain(&ChainId::parse("370000000002").unwrap()).unwrap().is_none());
}
