//! Files of a bucket, which is not ours, and snapshots that are put into it.

use super::*;

#[test]
fn a_bucket_is_read_and_written() {
    let Some(bucket) = Bucket::start() else { return };
    let put = "import pyarrow as a,pyarrow.parquet as p,io,datetime as d\n\
        at=d.datetime(2026,1,2,tzinfo=d.timezone.utc)\n\
        t=a.table({'who':['u1','u2'],'at':[at]*2})\n\
        b=io.BytesIO();p.write_table(t,b)\n\
        s.put_object(Bucket='shop',Key='in/a b+c.parquet',Body=b.getvalue())\n\
        s.put_object(Bucket='shop',Key='in/bad.parquet',Body=b'PAR1 no')\n\
        s.put_object(Bucket='shop',Key='in/deeper/x.parquet',Body=b'x')\n";
    bucket.script(put, &[]);
    let cauce = Cauce::start_with("", &Bucket::KEYS);
    cauce.apply(&json!({ "definitions": {
        "segments": { "buyers": { "rule": "count(bought) >= 1" } },
        "sources": { "orders": { "store": bucket.store("in/"), "pattern": "*.parquet",
                                 "every": "5s", "mapping": mapping() } } } }));
    let all = files(&cauce, 2);
    assert_eq!(of(&all, "a b+c.parquet")["counts"]["accepted"], 2, "{all:?}");
    assert_eq!(of(&all, "bad.parquet")["state"], "failed", "{all:?}");
    wait_for(PATIENCE, "both in the segment", || {
        (cauce.get("/v1/segments/buyers")["members"] == 2).then_some(())
    });
    cauce.apply(&json!({ "definitions": { "destinations": { "lake": { "segments": ["buyers"],
        "bucket": { "store": bucket.store("out/"), "every": "1000d" } } } } }));
    let keys = wait_for(PATIENCE, "a snapshot", || {
        let keys = bucket.keys("out/");
        keys.iter().any(|key| key == "out/lake/latest").then_some(keys)
    });
    assert!(keys.iter().any(|key| key == "out/lake/00000001/manifest.json"), "{keys:?}");
    let rows = bucket.get("out/lake/00000001/buyers.csv");
    assert!(rows.contains("u1") && rows.contains("u2"), "{rows}");
    assert!(!cauce.data().join("destinations/lake/outgoing").exists());
}
