# Stages: one compiles, one collects the modules that run, and one is the image. The command line and the terminal UI are
# not part of it.
#
# The digest decides, the tag only names it: docs/operations.md shows how to update both.
ARG NODE_IMAGE=node:24.11.1-bookworm-slim@sha256:48abc13a19400ca3985071e287bd405a1d99306770eb81d61202fb6b65cf0b57

FROM ${NODE_IMAGE} AS build
WORKDIR /app
ENV CHECKPOINT_DISABLE=1
COPY package.json package-lock.json .npmrc ./
# `prepare` would compile, and there is nothing to compile yet.
# Only the server: the packages are not part of the image.
RUN npm ci --ignore-scripts --workspaces=false
COPY tsconfig.json prisma.config.ts ./
COPY prisma prisma
COPY scripts scripts
COPY src src
RUN npm run build

FROM ${NODE_IMAGE} AS production-modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Nothing that runs needs an install script: the binaries of argon2 are in its package. The PostgreSQL that the server
# would start for itself stays out: an image has a database beside it.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --workspaces=false && npm cache clean --force

FROM ${NODE_IMAGE}
# Password hashes take 19 MiB for a moment; with few arenas the C library gives that back instead of keeping it.
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    PORT=4000
WORKDIR /app
COPY package.json ./
COPY --from=production-modules /app/node_modules node_modules
COPY prisma/migrations prisma/migrations
COPY --from=build /app/dist dist
# The account `node` of the base image, which is in its /etc/passwd. Nothing below /app is writable for it.
USER node
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/bundle/server/main.js"]
