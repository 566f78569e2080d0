"""Serves localstripe, a fake of Stripe's API that others wrote (https://github.com/adrienverge/localstripe), to the tests.

Its own command listens on every address of the machine, at a fixed port, and keeps what it knows in /tmp. Here it listens on
127.0.0.1 at a free port and keeps nothing. The first line of the output is its address. It ends when its input does: with the test
that started it, however that ends.

It knows an older API than Paydeck speaks, and refuses what it does not know. What Paydeck sends beyond that is taken off here, and
what it does not tell is added, each by what Stripe documents:

- a PaymentIntent takes a description, and a refund a reason;
- a confirmation takes a payment method, a return address and `use_stripe_sdk`;
- a PaymentIntent tells `amount_received` and `amount_capturable`.
"""

import asyncio
import sys

from aiohttp import web
from localstripe import resources

Intent, Method, Refund = resources.PaymentIntent, resources.PaymentMethod, resources.Refund


def bridge_creation(cls, unknown):
    create = cls._api_create.__func__

    def without_unknown(cls, **data):
        return create(cls, **{name: value for name, value in data.items() if name not in unknown})

    cls._api_create = classmethod(without_unknown)


def confirm(id, payment_method=None, return_url=None, use_stripe_sdk=None, **rest):
    intent = Intent._api_retrieve(id)
    if payment_method is not None and intent.status in ('requires_payment_method', 'requires_confirmation'):
        Method._api_retrieve(payment_method)  # answers 404 where there is none
        intent.payment_method = payment_method
        intent.latest_charge = None
    return Intent._api_confirm(id, **rest)


def capture(id, **rest):
    intent = Intent._api_capture(id, **rest)
    # What is left of a captured part has become a refund of the charge.
    intent._released = intent.latest_charge.amount_refunded
    return intent


def amount_received(intent):
    return intent.amount - getattr(intent, '_released', 0) if intent.status == 'succeeded' else 0


def amount_capturable(intent):
    return intent.amount if intent.status == 'requires_capture' else 0


def bridge():
    bridge_creation(Intent, {'description'})
    bridge_creation(Refund, {'reason'})
    Intent.amount_received = property(amount_received)
    Intent.amount_capturable = property(amount_capturable)
    instead = {'/v1/payment_intents/{id}/confirm': confirm, '/v1/payment_intents/{id}/capture': capture}
    resources.extra_apis[:] = [(verb, url, instead.get(url, act)) for verb, url, act in resources.extra_apis]
    resources.Store.dump_to_disk = lambda self: None


async def serve(app):
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, '127.0.0.1', 0).start()
    print('http://%s:%d' % runner.addresses[0][:2], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    await runner.cleanup()


if __name__ == '__main__':
    bridge()
    from localstripe.server import app  # reads the routes when it is loaded: after the bridge
    asyncio.run(serve(app))
