FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY package.json package-lock.json ./
# the image brings Node 24 itself; nothing that is needed runs an install script
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY src ./src
COPY workers ./workers
USER node
ENTRYPOINT ["node", "src/cli/main.ts"]
CMD ["worker"]
