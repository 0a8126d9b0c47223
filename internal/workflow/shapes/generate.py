"""Writes answers.json.gz: what the APIs that state machines call answer.

    python3 -m pip install botocore==1.40.0
    python3 generate.py

The models are botocore's (Apache-2.0), cut down to the shapes of answers: types,
required members, allowed values and bounds. TestState holds mocked results to them.
"""

import gzip
import json

import botocore.session

SERVICES = """apigateway athena batch bedrock-runtime cloudwatch codebuild databrew dynamodb ecs eks emr events firehose glue
kinesis kms lambda logs rds redshift redshift-data s3 secretsmanager sns sqs ssm stepfunctions sts textract transcribe translate""".split()


def key(name):
    return name[:1].upper() + name[1:]


def shape(s, out):
    """The compact form of a shape; structures go to out by name."""
    t = s.type_name
    if t == "structure":
        if s.name not in out:
            out[s.name] = {}
            if getattr(s, "document", False):
                out[s.name] = None
                return {"t": "any"}
            out[s.name] = {
                "required": [key(r) for r in s.required_members],
                "members": {key(k): shape(m, out) for k, m in s.members.items()},
            }
        return {"s": s.name}
    if t == "list":
        return {"t": "list", "of": shape(s.member, out)}
    if t == "map":
        return {"t": "map", "of": shape(s.value, out)}
    r = {"t": {"timestamp": "string", "character": "string", "integer": "int", "long": "int", "float": "float", "double": "float"}.get(t, t)}
    if getattr(s, "enum", None):
        r["enum"] = s.enum
    for bound in ("min", "max"):
        if bound in s.metadata:
            r[bound] = s.metadata[bound]
    return r


def main():
    session = botocore.session.get_session()
    everything = {}
    for service in SERVICES:
        model = session.get_service_model(service)
        shapes, operations = {}, {}
        for name in model.operation_names:
            output = model.operation_model(name).output_shape
            if output is not None:
                operations[name[:1].lower() + name[1:]] = shape(output, shapes)["s"]
        everything[service] = {"operations": operations, "shapes": shapes}
    text = json.dumps(everything, separators=(",", ":"), sort_keys=True).encode()
    with open("answers.json.gz", "wb") as f:
        f.write(gzip.compress(text, 9, mtime=0))
    print(len(text), "bytes of JSON")


main()
