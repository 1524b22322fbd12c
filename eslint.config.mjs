/** What `npx eslint` finds fault with. How code is set is nobody's business here; what may go wrong is. */
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/node_modules/", "static/dist/", "var/", ".venv/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    rules: {
      "array-callback-return": "error",
      "default-case-last": "error",
      eqeqeq: ["error", "always", { null: "ignore" }], // `== null` is the short way to ask for undefined, too
      "no-alert": "error",
      "no-console": ["error", { allow: ["warn", "error"] }],
      "no-constructor-return": "error",
      "no-irregular-whitespace": ["error", { skipTemplates: true }], // Chinese texts have wide spaces
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-promise-executor-return": "error",
      "no-return-assign": "error",
      "no-script-url": "error",
      "no-self-compare": "error",
      "no-template-curly-in-string": "error",
      "no-throw-literal": "error",
      "no-unmodified-loop-condition": "error",
      "no-unreachable-loop": "error",
      "no-unused-expressions": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrors: "none", ignoreRestSiblings: true }],
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-useless-return": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-promise-reject-errors": "error",
    },
  },
  { files: ["static/**/*.js", "recipes/**/*.js", "content/**/*.js"], languageOptions: { globals: globals.browser } },
  { files: ["*.mjs", "tests/**/*.js"], languageOptions: { globals: globals.node } },
];
