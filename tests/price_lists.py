"""AWS's price list as the tests play it: products as GetProducts lists them, answered in the order asked for."""

from __future__ import annotations

import json

from botocore.stub import ANY, Stubber

from resnet_bench.aws import prices as query
from resnet_bench.aws.access.clients import client
from resnet_bench.prices.table import packaged


def product(usage, *tiers):
    """A product as GetProducts lists it: a JSON text."""
    dimensions = {
        f"R{number}": {"unit": "x", "beginRange": begin, "endRange": "Inf", "pricePerUnit": {"USD": usd}}
        for number, (begin, usd) in enumerate(tiers)
    }
    return json.dumps(
        {
            "product": {
                "sku": "S",
                "productFamily": "F",
                "attributes": {"usagetype": usage, "regionCode": "eu-west-1"},
            },
            "serviceCode": "X",
            "terms": {"OnDemand": {"S.O": {"priceDimensions": dimensions, "sku": "S"}}},
        }
    )


class PricedAccount:
    """The price list's answers, in the order in which they are asked for."""

    region = "eu-west-1"

    def __init__(self):
        self._client = client("pricing", endpoint_url="http://127.0.0.1:9")
        self.stubber = Stubber(self._client)

    def client(self, service, region):
        assert (service, region) == ("pricing", "us-east-1")  # where the API is
        return self._client

    def __enter__(self):
        self.stubber.activate()
        return self

    def __exit__(self, *_):
        self._client.close()

    def answer(self, *products):
        expected = {"ServiceCode": ANY, "Filters": ANY}
        self.stubber.add_response("get_products", {"PriceList": list(products)}, expected)


def answer_all(account, **changes):
    """One product for each price; ``changes`` by name."""
    usages = {name: usage for name, (_, usage) in query._USAGE_TYPES.items()}
    for name in (*query._GROUPS, *query._USAGE_TYPES, *query._EVERYWHERE):
        default = [product(f"EU-{usages.get(name, 'Anything')}", ("0", "0.000007"))]
        account.answer(*changes.get(name, default))


def offered(name, usd="0.1", **attributes):
    """An instance as GetProducts lists it."""
    document = json.loads(product(f"EU-BoxUsage:{name}", ("0", usd)))
    kind = {"vcpu": "4", "memory": "8 GiB", "physicalProcessor": "Intel Xeon Platinum 8488C"}
    document["product"]["attributes"].update(kind | attributes)
    return json.dumps(document)


def answer_instances(account, **offers):
    """One offer for each packaged instance and those of ``offers``, asked for by name, in order."""
    names = sorted({*packaged(None).instances, *(name.replace("_", ".") for name in offers)})
    for name in names:
        wanted = {"ServiceCode": "AmazonEC2", "Filters": ANY}
        found = offers.get(name.replace(".", "_"), [offered(name)])
        account.stubber.add_response("get_products", {"PriceList": found}, wanted)
