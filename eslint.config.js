import tseslint from 'typescript-eslint';

const PORT = 'workflows/activities';

/** Each folder, and the folders it may import. Everything else is refused. */
const MAY_IMPORT = {
  runtime: [],
  metadata: ['runtime/fault', 'runtime/json'],
  triggers: ['runtime/fault', 'runtime/json'],
  pipeline: ['metadata/notice', 'metadata/anomaly', 'triggers', 'runtime/fault', 'runtime/json'],
  plan: ['pipeline', 'triggers', 'metadata/anomaly', 'runtime/fault', 'runtime/json'],
  workflows: ['plan', 'metadata', 'runtime/json'],
  db: ['plan', PORT, 'workflows/backfill', 'triggers', 'metadata', 'runtime'],
  artifacts: [PORT, 'runtime'],
  hosts: ['plan/plan', PORT, 'artifacts', 'runtime'],
  project: ['plan', 'pipeline', 'runtime/fault'],
  activities: [
    PORT,
    'hosts',
    'artifacts',
    'db',
    'plan',
    'pipeline',
    'triggers',
    'metadata',
    'runtime',
  ],
  api: [
    PORT,
    'workflows/search-attributes',
    'workflows/backfill',
    'workflows/maintenance',
    'workflows/sensor-queue',
    'workflows/watch',
    'workflows/turns',
    'hosts/python/find-python',
    'hosts/node/(sql-text|postgres-statement)',
    'project',
    'db',
    'plan',
    'pipeline',
    'triggers',
    'metadata',
    'runtime',
  ],
  local: [
    'api/contract',
    'workflows/search-attributes',
    'hosts/python/environment',
    'project',
    'db',
    'runtime',
  ],
  cli: [
    'api/contract',
    'local',
    'project',
    'hosts/python/find-python',
    'pipeline',
    'plan',
    'triggers',
    'runtime',
  ],
};
const FOLDERS = [...Object.keys(MAY_IMPORT), 'worker', 'web'];

const layer = ([folder, allowed]) => ({
  files: [`${folder}/**/*.ts`],
  ignores: ['**/*.test.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(\\.\\./)+(?!(${[folder, ...allowed].join('|')})\\b)(${FOLDERS.join('|')})/`,
            message: `${folder}/ may import only: ${allowed.join(', ')}`,
          },
          ...(folder === 'workflows'
            ? [
                {
                  regex: '^(?!\\.|@temporalio/(workflow|common)$)',
                  message: 'workflows/ runs in the sandbox: no packages but @temporalio/workflow',
                },
              ]
            : []),
        ],
      },
    ],
  },
});

export default tseslint.config(
  { ignores: ['dist', '**/*.js', 'templates', 'examples', 'db/schema.generated.ts'] },
  ...tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { projectService: true } } },
  {
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the Config instead' },
      ],
    },
  },
  {
    files: ['**/main.ts', 'test/**', 'bench/**', 'scripts/**', '**/*.test.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  ...Object.entries(MAY_IMPORT).map(layer),
);
