<?xml version="1.0" encoding="UTF-8"?>
<!-- What ../native/rules.xml says, by hand, in the form a compiler of rules
     gives it: the theme as literal markup, content through the identity. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" encoding="UTF-8" indent="no"/>
  <xsl:template match="/">
    <html lang="en">
      <head><meta charset="utf-8"/><xsl:apply-templates select="/html/head/title"/><meta name="viewport" content="width=device-width"/><link rel="stylesheet" href="theme.css"/><xsl:apply-templates select="/html/head/link | /html/head/script"/></head>
      <body id="t">
        <xsl:attribute name="class">theme<xsl:if test="//body/@class"><xsl:text> </xsl:text><xsl:value-of select="//body/@class"/></xsl:if></xsl:attribute>
        <xsl:copy-of select="//body/@id"/>
        <xsl:copy-of select="//body/@dir"/>
        <header><a href="/">Site</a></header>
        <nav id="mainnav"><ul>
          <xsl:choose>
            <xsl:when test="//*[@id = 'portal-globalnav']/li"><xsl:apply-templates select="//*[@id = 'portal-globalnav']/li"/></xsl:when>
            <xsl:otherwise><li>placeholder</li></xsl:otherwise>
          </xsl:choose>
        </ul></nav>
        <div id="messages">
          <xsl:apply-templates select="//*[@class and contains(concat(' ', normalize-space(@class), ' '), ' portalMessage ')]"/>
        </div>
        <main id="content">
          <xsl:choose>
            <xsl:when test="//*[@id = 'portal-column-content']"><xsl:apply-templates select="//*[@id = 'portal-column-content']/node()"/></xsl:when>
            <xsl:otherwise>placeholder</xsl:otherwise>
          </xsl:choose>
        </main>
        <xsl:if test="//*[@id = 'portal-column-one']">
          <aside id="side"><xsl:apply-templates select="//*[@id = 'portal-column-one']/node()"/></aside>
        </xsl:if>
        <footer id="foot"><p>theme foot</p></footer>
      </body>
    </html>
  </xsl:template>
  <xsl:template match="@*|node()">
    <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
  </xsl:template>
  <xsl:template match="*[@class and contains(concat(' ', normalize-space(@class), ' '), ' documentByLine ')]"/>
</xsl:stylesheet>
