'use strict';
const path = require('path');
const random = require('./random.js')(20261123);
const { GppModel } = require('@iabgpp/cmpapi');
const lib = path.join(path.dirname(require.resolve('@iabgpp/cmpapi')), 'encoder', 'section');
const { Sections } = require(path.join(lib, 'Sections.js'));
const { RangeEntry } = require(path.join(path.dirname(require.resolve('@iabgpp/cmpapi')), 'encoder', 'datatype', 'RangeEntry.js'));

const isUS = (id) => id >= 7 && id <= 27;
const print = (o) => console.log(JSON.stringify(o));

// Every US section, with random answers in every field.
function us() {
  for (const [id, name] of Sections.SECTION_ID_NAME_MAP) {
    if (!isUS(id)) continue;
    for (let i = 0; i < 16; i++) {
      const m = new GppModel();
      m.setFieldValue(name, id < 24 ? 'Version' : 'MspaVersion', 1);
      if (id === 7 && i % 2) m.setFieldValue(name, 'Version', 2);
      const fields = m.getSection(name);
      for (const [field, value] of Object.entries(fields)) {
        if (/Version|Gpc|Included/.test(field)) continue;
        const answer = () => random.int(/MspaCovered/.test(field) ? 1 : 0, 2);
        m.setFieldValue(name, field, Array.isArray(value) ? value.map(answer) : answer());
      }
      if ('Gpc' in fields) {
        m.setFieldValue(name, 'GpcSegmentIncluded', random.chance(0.5));
        m.setFieldValue(name, 'Gpc', random.chance(0.5));
      }
      if (id > 24) m.setFieldValue(name, 'SensitiveDataConsentSegmentIncluded', random.chance(0.7));
      const text = m.encodeSection(name);
      const back = new GppModel(m.encode());
      print({ id, text, fields: back.getSection(name) });
    }
  }
}

// Headers with random sets of sections.
function header() {
  const all = [...Sections.SECTION_ID_NAME_MAP];
  for (let i = 0; i < 60; i++) {
    const m = new GppModel();
    const texts = {};
    for (const [id, name] of all) {
      if (!random.chance(i % 3 ? 0.3 : 0.8)) continue;
      if (id === 6) {
        m.setFieldValue(name, 'Version', 1);
        ['Notice', 'OptOutSale', 'LspaCovered'].forEach((f) => m.setFieldValue(name, f, 'YN-'[random.int(0, 2)]));
      } else if (id === 2 || id === 5) {
        m.setFieldValue(name, 'CmpId', random.int(2, 4095));
        const made = new Date(86400000 * random.int(19000, 21000));
        ['Created', 'LastUpdated'].forEach((f) => m.setFieldValue(name, f, made));
      }
      else m.setFieldValue(name, 'SaleOptOut', random.int(0, 2));
      texts[id] = m.encodeSection(name);
    }
    print({ text: m.encode(), ids: new GppModel(m.encode()).getSectionIds(), sections: texts });
  }
}

// Canadian strings.
function canada() {
  const name = 'tcfcav1';
  const bits = (max) => {
    const list = random.set(max);
    return Array.from({ length: max }, (_, i) => list.includes(i + 1));
  };
  const on = (list) => random.runs(list.map((set, i) => (set ? i + 1 : 0)).filter(Boolean));
  for (let i = 0; i < 120; i++) {
    const m = new GppModel();
    const set = (field, value) => m.setFieldValue(name, field, value);
    const day = 86400000;
    set('CmpId', random.int(2, 4095));
    set('CmpVersion', random.int(1, 4095));
    set('ConsentScreen', random.int(0, 63));
    set('ConsentLanguage', ['EN', 'FR'][random.int(0, 1)]);
    set('VendorListVersion', random.int(1, 4095));
    set('TcfPolicyVersion', random.int(2, 63));
    set('UseNonStandardStacks', random.chance(0.3));
    set('SpecialFeatureExpressConsent', bits(12));
    set('PurposesExpressConsent', bits(24));
    set('PurposesImpliedConsent', bits(24));
    set('VendorExpressConsent', random.set(1400));
    set('VendorImpliedConsent', random.set(1400));
    const restrictions = [];
    for (let n = random.chance(0.5) ? random.int(1, 4) : 0; n > 0; n--) {
      const ids = random.set(300);
      if (ids.length) restrictions.push(new RangeEntry(random.int(1, 24), random.int(0, 2), ids));
    }
    set('PubRestrictions', restrictions);
    set('DisclosedVendors', random.set(1400));
    const made = new Date(day * random.int(19000, 21000));
    set('Created', made);
    set('LastUpdated', made);
    const text = m.encodeSection(name);
    // The library reads a string back in one of two layouts, and keeps that
    // which writes the same string again. Where it finds the older one, the
    // string says two things.
    const d = new GppModel(m.encode()).getSection(name);
    const same = JSON.stringify(d.VendorExpressConsent) === JSON.stringify(m.getFieldValue(name, 'VendorExpressConsent'));
    if (!same) throw new Error('the library does not read back what it wrote');
    const out = {
      text, created: d.Created.getTime() / 100, updated: d.LastUpdated.getTime() / 100,
      cmp: d.CmpId, cmpVersion: d.CmpVersion, screen: d.ConsentScreen, language: d.ConsentLanguage,
      vendorList: d.VendorListVersion, policy: d.TcfPolicyVersion, nonStandard: d.UseNonStandardStacks,
      features: on(d.SpecialFeatureExpressConsent), express: on(d.PurposesExpressConsent), implied: on(d.PurposesImpliedConsent),
      vendorExpress: random.runs(d.VendorExpressConsent), vendorImplied: random.runs(d.VendorImpliedConsent),
      restrictions: d.PubRestrictions.map((r) => ({ purpose: r.key, type: r.type, vendors: random.runs(r.ids) })),
    };
    if (text.split('.').slice(1).some((s) => 'IJKLMNOP'.includes(s[0]))) out.disclosed = random.runs(d.DisclosedVendors);
    print(out);
  }
}

({ us, header, canada })[process.argv[2]]();
