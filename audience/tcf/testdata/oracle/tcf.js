'use strict';
const path = require('path');
const random = require('./random.js')(20261122);
const { TCModel, TCString, PurposeRestriction, Segment } = require('@iabtechlabtcf/core');
const lib = path.join(path.dirname(require.resolve('@iabtechlabtcf/core')), 'encoder');
// The encoder of one segment: TCString.encode takes a vendor list, and drops
// from the string what that does not declare.
const { SegmentEncoder } = require(path.join(lib, 'SegmentEncoder.js'));

const maxVendor = 1400;
const everybody = { vendorIds: new Set(Array.from({ length: 65535 }, (_, i) => i + 1)) };
const letters = () => String.fromCharCode(random.int(65, 90), random.int(65, 90));
const fill = (vector, list) => list.forEach((n) => vector.set(n));
const read = (vector, max) => {
  const list = [];
  for (let n = 1; n <= max; n++) if (vector.has(n)) list.push(n);
  return random.runs(list);
};

function make() {
  const m = new TCModel();
  const day = 86400000;
  m.created = new Date(day * random.int(18262, 21000)); // from 2020 into 2027
  m.lastUpdated = random.chance(0.8) ? m.created : new Date(m.created.getTime() + day);
  m.cmpId = random.int(2, 4095);
  m.cmpVersion = random.int(1, 4095);
  m.consentScreen = random.int(0, 63);
  m.consentLanguage = ['EN', 'DE', 'FR', 'IT', 'PL', 'SV'][random.int(0, 5)];
  m.vendorListVersion_ = random.int(1, 4095);
  m.policyVersion = random.int(2, 63);
  m.isServiceSpecific = random.chance(0.9);
  m.useNonStandardTexts = random.chance(0.2);
  fill(m.specialFeatureOptins, random.set(12));
  fill(m.purposeConsents, random.set(24));
  fill(m.purposeLegitimateInterests, random.set(24));
  m.purposeOneTreatment = random.chance(0.2);
  m.publisherCountryCode = letters();
  fill(m.vendorConsents, random.set(maxVendor));
  fill(m.vendorLegitimateInterests, random.set(maxVendor));
  m.publisherRestrictions.gvl_ = everybody;
  for (let i = random.chance(0.5) ? random.int(1, 5) : 0; i > 0; i--) {
    const r = new PurposeRestriction(random.int(1, 24), random.int(0, 2));
    random.set(maxVendor).forEach((id) => m.publisherRestrictions.add(id, r));
  }
  const segments = [Segment.CORE];
  if (random.chance(0.6)) {
    fill(m.vendorsDisclosed, random.set(maxVendor));
    segments.push(Segment.VENDORS_DISCLOSED);
  }
  if (random.chance(0.2)) {
    fill(m.vendorsAllowed, random.set(maxVendor));
    segments.push(Segment.VENDORS_ALLOWED);
  }
  if (random.chance(0.3)) {
    fill(m.publisherConsents, random.set(24));
    fill(m.publisherLegitimateInterests, random.set(24));
    m.numCustomPurposes = random.int(0, 12);
    if (m.numCustomPurposes > 0) {
      fill(m.publisherCustomConsents, random.set(m.numCustomPurposes));
      fill(m.publisherCustomLegitimateInterests, random.set(m.numCustomPurposes));
    }
    segments.push(Segment.PUBLISHER_TC);
  }
  return { text: segments.map((s) => SegmentEncoder.encode(m, s)).join('.'), segments };
}

for (let i = 0; i < 250; i++) {
  const { text, segments } = make();
  const d = TCString.decode(text);
  const restrictions = [];
  for (const r of d.publisherRestrictions.getRestrictions()) {
    restrictions.push({
      purpose: r.purposeId, type: r.restrictionType,
      vendors: random.runs(d.publisherRestrictions.getVendors(r)),
    });
  }
  const out = {
    text,
    created: d.created.getTime() / 100, updated: d.lastUpdated.getTime() / 100,
    cmp: d.cmpId, cmpVersion: d.cmpVersion, screen: d.consentScreen, language: d.consentLanguage,
    vendorList: d.vendorListVersion, policy: d.policyVersion,
    specific: d.isServiceSpecific, nonStandard: d.useNonStandardTexts,
    features: read(d.specialFeatureOptins, 12),
    consents: read(d.purposeConsents, 24), interests: read(d.purposeLegitimateInterests, 24),
    unasked: d.purposeOneTreatment, country: d.publisherCountryCode,
    vendorConsents: read(d.vendorConsents, 65535), vendorInterests: read(d.vendorLegitimateInterests, 65535),
    restrictions,
  };
  if (segments.includes(Segment.VENDORS_DISCLOSED)) out.disclosed = read(d.vendorsDisclosed, 65535);
  if (segments.includes(Segment.VENDORS_ALLOWED)) out.allowed = read(d.vendorsAllowed, 65535);
  if (segments.includes(Segment.PUBLISHER_TC)) {
    out.publisher = {
      consents: read(d.publisherConsents, 24), interests: read(d.publisherLegitimateInterests, 24),
      custom: d.numCustomPurposes,
      customConsents: read(d.publisherCustomConsents, 64), customInterests: read(d.publisherCustomLegitimateInterests, 64),
    };
  }
  console.log(JSON.stringify(out));
}
