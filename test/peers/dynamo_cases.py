"""Calls on a key-value table, with the answers of moto's DynamoDB.

  dynamo_cases.py OUT.jsonl [N] [SEED]

Each line is a case: {"item": what is there before, "op", "input", "answer" or
"code", "after": what is there then, where the call succeeded}. The expressions
are random. They stay clear of what moto does otherwise than DynamoDB: to it true
is 1 and what is missing is NULL, UPDATED_OLD and UPDATED_NEW leave out what got
an equal value and cut no lists, it lets paths overlap, reads what the same update
wrote, goes past the end of lists and into values that are no container, projects no
list in a list, tells
mistakes of an update before its condition, and keeps half of an update that
failed. Needs moto[dynamodb].
"""

import json
import random
import sys

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

OUT, N, SEED = sys.argv[1], int((sys.argv + [0, 2000])[2] or 2000), int((sys.argv + [0, 0, 7])[3] or 7)
r = random.Random(SEED)
KEY = {"id": {"S": "a"}}


def value(depth=0):
    kinds = ["S", "N", "SS", "NS"] + (["L", "M"] if depth < 2 else [])
    k = r.choice(kinds)
    return {k: {
        "S": lambda: r.choice(["x", "xy", "가나", "10"]),
        "N": lambda: r.choice(["0", "1", "-2.5", "10", "9", "12345678901234567890"]),
        "SS": lambda: r.sample(["x", "y", "z"], r.randint(1, 3)),
        "NS": lambda: r.sample(["1", "2", "3.5"], r.randint(1, 3)),
        "L": lambda: [value(depth + 1) for _ in range(r.randint(0, 3))],
        "M": lambda: {n: value(depth + 1) for n in r.sample("pqr", r.randint(0, 3))},
    }[k]()}


def paths(v, prefix):
    """Every path to and into a value."""
    yield prefix
    if "M" in v:
        for n, x in v["M"].items():
            yield from paths(x, prefix + "." + n)
    if "L" in v:
        for i, x in enumerate(v["L"]):
            yield from paths(x, prefix + "[%d]" % i)


def path(item, names="abcdef"):
    """A path that is there, or now and then an attribute that is not."""
    there = [p for n in names if n in item for p in paths(item[n], n)]
    return r.choice(there) if there and r.random() < 0.9 else r.choice(names)


class Values(dict):
    def add(self, v=None):
        name = ":v%d" % len(self)
        self[name] = v or value()
        return name


def condition(item, vals, depth=0):
    p, kind = path(item), r.randrange(12)
    if kind < 3:
        return "%s %s %s" % (p, r.choice(["=", "<>"]), vals.add())
    if kind < 5:
        return "%s %s %s" % (p, r.choice(["<", "<=", ">", ">="]), vals.add({r.choice("SN"): r.choice(["1", "10"])}))
    if kind == 5:
        return "%s(%s)" % (r.choice(["attribute_exists", "attribute_not_exists"]), p)
    if kind == 6:
        return "contains(%s, %s)" % (p, vals.add({"S": r.choice(["x", "2"])}))
    if kind == 7:
        return "begins_with(%s, %s)" % (p, vals.add({"S": r.choice(["x", "1"])}))
    if kind == 8:
        return "%s IN (%s, %s)" % (p, vals.add(), vals.add())
    if kind == 9:
        return "%s BETWEEN %s AND %s" % (p, vals.add({"N": "0"}), vals.add({"N": "10"}))
    if depth > 2:
        return "attribute_type(%s, %s)" % (p, vals.add({"S": r.choice(["S", "N", "L", "M"])}))
    if kind == 10:
        return "NOT " + condition(item, vals, depth + 3)
    return "(%s %s %s)" % (condition(item, vals, depth + 1), r.choice(["AND", "OR"]), condition(item, vals, depth + 1))


def update(item, vals):
    """Changes d, e and f, each once; reads a, b and c."""
    sections = {}
    for name in r.sample("def", r.randint(1, 3)):
        s = r.choice(["SET", "SET", "REMOVE", "ADD", "DELETE"])
        p = path(item, name) if s in ("SET", "REMOVE") else name
        if s == "SET":
            p += " = " + r.choice([
                lambda: path(item, "abc"),
                lambda: vals.add(),
                lambda: "%s %s %s" % (r.choice([p, path(item, "abc"), vals.add({"N": "1.5"})]), r.choice("+-"), vals.add({"N": "3"})),
                lambda: "if_not_exists(%s, %s)" % (path(item, "abc"), vals.add()),
                lambda: "list_append(%s, %s)" % (path(item, "abc"), vals.add({"L": [value(2)]})),
            ])()
        elif s == "ADD":
            p += " " + vals.add(r.choice([{"N": "5"}, {"SS": ["x", "w"]}, {"NS": ["1", "9"]}]))
        elif s == "DELETE":
            p += " " + vals.add(r.choice([{"SS": ["x"]}, {"SS": ["x", "y", "z"]}, {"NS": ["1", "2"]}]))
        sections.setdefault(s, []).append(p)
    return " ".join(s + " " + ", ".join(l) for s, l in sections.items())


@mock_aws
def main():
    db = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    db.create_table(TableName="plain", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    with open(OUT, "w") as out:
        for _ in range(N):
            item = {**KEY, **{n: value() for n in "abcdef" if r.random() < 0.8}}
            db.put_item(TableName="plain", Item=item)
            vals = Values()
            call = {"TableName": "plain", "Key": KEY}
            if r.random() < 0.5:
                op, call["UpdateExpression"] = "UpdateItem", update(item, vals)
                call["ReturnValues"] = r.choice(["ALL_OLD", "ALL_NEW"])
            elif r.random() < 0.8:
                op, call["ConditionExpression"], call["ReturnValues"] = "DeleteItem", condition(item, vals), "ALL_OLD"
            else:
                op, call["ProjectionExpression"] = "GetItem", ", ".join(path(item, n) for n in r.sample("abcdef", r.randint(1, 3)))
                if "][" in call["ProjectionExpression"]:
                    continue
            if vals:
                call["ExpressionAttributeValues"] = vals
            case = {"item": item, "op": op, "input": call}
            try:
                do = {"UpdateItem": db.update_item, "DeleteItem": db.delete_item, "GetItem": db.get_item}[op]
                answer = do(**call)
                case["answer"] = {k: v for k, v in answer.items() if k in ("Item", "Attributes")}
            except ClientError as e:
                case["code"], case["text"] = e.response["Error"]["Code"], e.response["Error"]["Message"]
            except Exception as e:  # moto broke
                continue
            if "answer" in case:
                case["after"] = db.get_item(TableName="plain", Key=KEY).get("Item")
            out.write(json.dumps(case, ensure_ascii=False) + "\n")


main()
