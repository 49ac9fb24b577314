import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { arrows, coreRooms, restrictedImports } from "./scripts/import-arrows.ts";

const coreRoomsOf = (name) => coreRooms.filter((room) => room.startsWith(`packages/${name}/`));

const coreGlobals = [
  "Date",
  "process",
  "Buffer",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "clearTimeout",
  "clearInterval",
  "queueMicrotask",
  "performance",
  "crypto",
  "console",
  "fetch",
  "globalThis",
].map((name) => ({ name, message: "A core has no platform: take a port or an argument instead." }));

export default defineConfig(
  globalIgnores(["**/dist/**", "**/coverage/**", "**/.pack/**", "**/.turbo/**"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/max-params": ["error", { max: 4 }],
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Named exports only." },
        { selector: "ExportAllDeclaration", message: "Name what you export." },
      ],
      "max-lines": ["error", { max: 600 }],
      "max-lines-per-function": ["error", { max: 70, skipComments: true }],
      eqeqeq: "error",
    },
  },
  { files: ["packages/*/src/**/*.ts"], rules: { "no-console": "error" } },
  ...Object.keys(arrows).flatMap((name) => [
    {
      files: [`packages/${name}/src/**/*.ts`],
      rules: {
        "@typescript-eslint/no-restricted-imports": restrictedImports(name, { core: false }),
      },
    },
    ...(coreRoomsOf(name).length === 0
      ? []
      : [
          {
            files: coreRoomsOf(name),
            rules: {
              "@typescript-eslint/no-restricted-imports": restrictedImports(name, { core: true }),
              "no-restricted-globals": ["error", ...coreGlobals],
              "no-restricted-properties": [
                "error",
                { object: "Math", property: "random", message: "Take a seeded generator instead." },
              ],
            },
          },
        ]),
  ]),
  {
    files: ["**/test/**/*.ts", "**/bench/**/*.ts", "**/examples/**/*.ts", "scripts/**/*.ts"],
    rules: {
      "max-lines-per-function": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "no-console": "off",
    },
  },
  {
    files: ["*.config.ts", "*.config.js", "*.mjs"],
    rules: { "no-restricted-syntax": "off" },
  },
  { files: ["**/*.js", "**/*.mjs"], extends: [tseslint.configs.disableTypeChecked] },
);
