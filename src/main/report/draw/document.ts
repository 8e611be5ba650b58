import { createHash } from 'node:crypto';
import PDFDocument from 'pdfkit';
import type { ReportModel } from '../types';

/** A text that goes into the XML of the metadata escaped, and as it is everywhere else: pdfkit writes both from one value. */
class MetadataText extends String {
  override toString(): string {
    return this.valueOf().replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  }
}

/** An empty document with all that PDF/A-3a and PDF/UA-1 want of it as a whole. */
export function newDocument(model: ReportModel): PDFKit.PDFDocument {
  const text = (value: string) => new MetadataText(value) as unknown as string;
  const info = {
    Title: text(`${model.title}, case ${model.caseNumber}`),
    Author: text(model.examiner),
    Subject: text(model.caseTitle),
    Creator: text(model.tool),
    Producer: text(model.tool),
    CreationDate: new Date(model.date),
    // pdfkit makes the file's /ID of these: with the content in it, two reports never share one.
    ContentSHA256: createHash('sha256').update(JSON.stringify(model)).digest('hex'),
  };
  const doc = new PDFDocument({
    subset: 'PDF/A-3a',
    pdfVersion: '1.7',
    tagged: true,
    lang: model.language,
    displayTitle: true,
    autoFirstPage: false,
    // Without a standard font: PDF/A embeds all.
    font: null as unknown as string,
    info,
  });
  doc.appendXML(UA);
  return doc;
}

/** Says that the file is PDF/UA-1, and declares that property to PDF/A (ISO 19005-3, 6.6.2.3.1). */
const UA = `
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
  <pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>part</pdfaProperty:name>
      <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
      <pdfaProperty:category>internal</pdfaProperty:category>
      <pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>`;
