import { resultValue } from "../../results/checked-file";
import { parseResult, resultJson } from "../../results/result-file";
import { type AnyResult, isOfLanguage } from "../language-result";
import { languageResultJson, parseLanguageResult } from "../language-result-file";

/** The text of a result's file. */
export function anyResultJson(result: AnyResult): string {
  return isOfLanguage(result) ? languageResultJson(result) : resultJson(result);
}

/** Reads the text of a result file; throws InputError, which names the first wrong field. */
export function parseAnyResult(content: string, path: string): AnyResult {
  const isLanguage = "kind" in Object(resultValue(content, path));
  return isLanguage ? parseLanguageResult(content, path) : parseResult(content, path);
}
