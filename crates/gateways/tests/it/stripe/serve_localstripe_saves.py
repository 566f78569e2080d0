"""Serves localstripe as tools/serve-localstripe.py does, with what methods that are kept need beyond that.

Each bridge is what Stripe documents:

- a PaymentIntent takes `setup_future_usage`, and attaches its method to its customer once it holds or has taken money;
- a confirmation takes `off_session`, and is declined where the method's bank wants the customer;
- a cancellation takes a reason;
- one of the names of test cards becomes a method with a name of its own;
- a SetupIntent is confirmed by the call that makes it, and attaches its method;
- a method that is not known is refused with a code; one that was detached is not detached again, and not charged again.
"""

import asyncio
import importlib.util
import pathlib

from localstripe import resources
from localstripe.errors import UserError

tools = pathlib.Path(__file__).parents[5] / 'tools'
spec = importlib.util.spec_from_file_location('serve_localstripe', tools / 'serve-localstripe.py')
plain = importlib.util.module_from_spec(spec)
spec.loader.exec_module(plain)

Intent, Method, Setup = resources.PaymentIntent, resources.PaymentMethod, resources.SetupIntent


def known(id):
    try:
        return Method._api_retrieve(id)
    except UserError:
        raise UserError(404, 'No such PaymentMethod.', {'code': 'resource_missing', 'param': 'payment_method'})


def confirm(id, payment_method=None, off_session=None, **rest):
    method = known(payment_method)
    if getattr(method, '_detached', False):
        raise UserError(400, 'It was detached from a customer and may not be used again.')
    if off_session == 'true' and method._requires_authentication():
        code = 'authentication_required'
        raise UserError(402, 'Your card was declined.', {'code': code, 'decline_code': code})
    intent = plain.confirm(id, payment_method=method.id, **rest)
    if intent.setup_future_usage and intent.status in ('succeeded', 'requires_capture'):
        Method._api_attach(method.id, customer=intent.customer)
    return intent


def cancel(id, cancellation_reason=None, **rest):
    intent = Intent._api_cancel(id, **rest)
    intent.cancellation_reason = cancellation_reason
    return intent


def detach(id, **rest):
    if known(id).customer is None:
        raise UserError(400, 'It is not attached to a customer so detachment is impossible.')
    method = Method._api_detach(id, **rest)
    method._detached = True
    return method


def bridge():
    plain.bridge()
    make_intent, make_setup = Intent._api_create.__func__, Setup._api_create.__func__

    def create_intent(cls, setup_future_usage=None, **data):
        intent = make_intent(cls, **data)
        intent.setup_future_usage = setup_future_usage
        return intent

    def create_setup(cls, confirm=None, payment_method=None, return_url=None, use_stripe_sdk=None, **data):
        method = known(payment_method)
        setup = Setup._api_confirm(make_setup(cls, **data).id, payment_method=method.id)
        if setup.status == 'succeeded':
            Method._api_attach(method.id, customer=setup.customer)
        return setup

    Intent._api_create = classmethod(create_intent)
    Setup._api_create = classmethod(create_setup)
    instead = {
        '/v1/payment_intents/{id}/confirm': confirm,
        '/v1/payment_intents/{id}/cancel': cancel,
        '/v1/payment_methods/{id}/detach': detach,
    }
    resources.extra_apis[:] = [(verb, url, instead.get(url, act)) for verb, url, act in resources.extra_apis]


if __name__ == '__main__':
    bridge()
    from localstripe.server import app  # reads the routes when it is loaded: after the bridge
    asyncio.run(plain.serve(app))
