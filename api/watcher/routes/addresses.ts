import { Router } from 'express';
import {
  changeAddressType,
  ensureAddressType,
  findAddressType,
  listAddressTypes,
} from '../../../db/lineage/address-types.ts';
import {
  changeAddress,
  findAddress,
  listAddresses,
  saveAddress,
} from '../../../db/lineage/addresses.ts';
import type { ApiDeps } from '../../deps.ts';
import { only } from '../../http/method.ts';
import {
  AddressPatch,
  AddressPost,
  AddressTypePatch,
  AddressTypePost,
} from '../contract/address.ts';
import { found, readBody, readId } from '../read.ts';

const NO_TYPE = 'Address Type Not Found';
const NO_ADDRESS = 'Address not found';

export function addressRoutes({ db }: ApiDeps): Router {
  const router = Router();
  router
    .route('/address_type')
    .post(async (request, response) => {
      const { id, created } = await ensureAddressType(db, await readBody(AddressTypePost, request));
      response.status(created ? 201 : 200).json({ id });
    })
    .get(async (_request, response) => {
      response.json(await listAddressTypes(db));
    })
    .patch(async (request, response) => {
      const { id = null, ...change } = await readBody(AddressTypePatch, request);
      const which = id === null ? { name: change.name ?? '' } : { id };
      const type = found(await findAddressType(db, which), NO_TYPE);
      response.json(found(await changeAddressType(db, type.id, change), NO_TYPE));
    })
    .all(only('GET', 'POST', 'PATCH'));
  router
    .route('/address_type/:address_type_id')
    .get(async (request, response) => {
      const id = readId(request, 'address_type_id', NO_TYPE);
      response.json(found(await findAddressType(db, { id }), NO_TYPE));
    })
    .all(only('GET'));
  router
    .route('/address')
    .post(async (request, response) => {
      const { id, created } = await saveAddress(db, await readBody(AddressPost, request));
      response.status(created ? 201 : 200).json({ id });
    })
    .get(async (_request, response) => {
      response.json(await listAddresses(db));
    })
    .patch(async (request, response) => {
      const { id = null, ...change } = await readBody(AddressPatch, request);
      const which = id === null ? { name: change.name ?? '' } : { id };
      const address = found(await findAddress(db, which), NO_ADDRESS);
      response.json(found(await changeAddress(db, address.id, change), NO_ADDRESS));
    })
    .all(only('GET', 'POST', 'PATCH'));
  router
    .route('/address/:address_id')
    .get(async (request, response) => {
      const id = readId(request, 'address_id', NO_ADDRESS);
      response.json(found(await findAddress(db, { id }), NO_ADDRESS));
    })
    .all(only('GET'));
  return router;
}
