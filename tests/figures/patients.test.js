import assert from "node:assert/strict";
import { test } from "node:test";
import { CHECKS, ILLNESSES, PATIENTS, readChecks, verdict } from "../../static/figures/patients.js";

const made = (...checks) => CHECKS.map((_, i) => checks.includes(i));

test("each illness has one patient, and each patient a result for every check", () => {
  assert.deepEqual(PATIENTS.map((patient) => patient.illness).sort(), Object.keys(ILLNESSES).sort());
  for (const { results } of PATIENTS) assert.equal(results.length, CHECKS.length);
});

test("the first two patients are known from one check, as the lesson says", () => {
  for (const patient of PATIENTS.slice(0, 2)) assert.equal(verdict(patient, made(1), patient.illness), "right");
});

test("what a patient needs tells it from every other one", () => {
  for (const patient of PATIENTS) {
    const seen = (other) => JSON.stringify(patient.needed.map((check) => other.results[check]));
    const alike = PATIENTS.filter((other) => other !== patient && seen(other) === seen(patient));
    assert.deepEqual(alike, [], patient.illness);
  }
});

test("a name without the evidence is luck, and another name is wrong", () => {
  const patient = PATIENTS[3];
  assert.equal(verdict(patient, made(), "overfits"), "lucky");
  assert.equal(verdict(patient, made(2), "overfits"), "lucky");
  assert.equal(verdict(patient, made(2, 3), "overfits"), "right");
  assert.equal(verdict(patient, made(0, 1, 2, 3, 4, 5), "leak"), "wrong");
});

test("the mean that hides a group is the mean of its groups", () => {
  assert.equal(((900 * 0.97 + 100 * 0.67) / 1000).toFixed(2), PATIENTS[4].results[3]);
});

test("an address may contain anything", () => {
  for (const text of ["", "111111111", "<b>", "1x1"]) assert.equal(readChecks(text).length, CHECKS.length);
});
