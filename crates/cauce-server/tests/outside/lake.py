"""A snapshot of a bucket as others read it: lake.py ENDPOINT PREFIX PUBLIC_KEY prints what is in it.

Amazon's client fetches, `cryptography` checks the signature, `pyarrow` reads the columns and
`pyroaring` the bitmaps.
"""
import base64
import csv
import hashlib
import io
import json
import sys

import boto3
import pyarrow.parquet
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pyroaring import BitMap64

endpoint, prefix, public_key = sys.argv[1:]
client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1",
                      aws_access_key_id="k", aws_secret_access_key="s")


def get(key):
    return client.get_object(Bucket="shop", Key=prefix + key)["Body"].read()


def holds(signature, text):
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key)).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def from_csv(data):
    rows = csv.DictReader(io.StringIO(data.decode()))
    return [[int(row["id"]), row["profile"], row["alias"] or None] for row in rows]


def from_parquet(data):
    table = pyarrow.parquet.read_table(io.BytesIO(data))
    return [[row["id"], row["profile"], row["alias"]] for row in table.to_pylist()]


def from_roaring(data):
    return list(BitMap64.deserialize(data))


READERS = {"csv": from_csv, "parquet": from_parquet, "roaring": from_roaring}
version = get("latest").decode().strip()
text = get(f"{version}/manifest.json")
signature = base64.b64decode(get(f"{version}/manifest.json.sig"))
changed = bytes([text[0], text[1] ^ 1]) + text[2:]
manifest = json.loads(text)
named = {"manifest.json", "manifest.json.sig"}


def read(file):
    """What a file of the manifest says, once it is what the manifest says of it."""
    data = get(f"{version}/{file['file']}")
    assert hashlib.sha256(data).hexdigest() == file["sha256"], file
    assert len(data) == file["bytes"], file
    named.add(file["file"])
    rows = READERS[file["file"].rsplit(".", 1)[1]](data)
    assert len(rows) == file["rows"], file
    return rows


def formats(files):
    return {file["file"].rsplit(".", 1)[1]: read(file) for file in files or []}


segments = {
    name: {part: formats(said.get(part)) for part in ("files", "added", "removed")}
    for name, said in manifest["segments"].items()
}
ids = read(manifest["ids"])
listed = client.list_objects_v2(Bucket="shop", Prefix=f"{prefix}{version}/")["Contents"]
there = {one["Key"].rsplit("/", 1)[1] for one in listed}
print(json.dumps({
    "version": manifest["version"], "previous": manifest["previous"],
    "signed": [holds(signature, text), holds(signature, changed)],
    "segments": segments, "ids": ids, "unnamed": sorted(there - named),
}))
