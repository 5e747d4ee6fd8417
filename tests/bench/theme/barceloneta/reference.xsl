<?xml version="1.0" encoding="UTF-8"?>
<!-- What the rules of tests/golden/barceloneta-shaped say, by hand, in the
     form a compiler of rules gives it. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    exclude-result-prefixes="xsl">
  <xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
  <xsl:param name="path" select="'/news'"/>
  <xsl:variable name="portal_url" select="'http://localhost/plone'"/>
  <xsl:variable name="sections" select="//*[@id = 'portal-globalnav']/li"/>
  <xsl:variable name="authenticated" select="//*[@class and contains(concat(' ', normalize-space(@class), ' '), ' userrole-authenticated ')]"/>
  <xsl:variable name="ajax" select="//*[@class and contains(concat(' ', normalize-space(@class), ' '), ' ajax_load ')]"/>
  <xsl:variable name="raw-page" select="//*[@class and contains(concat(' ', normalize-space(@class), ' '), ' raw-page ')]"/>
  <xsl:template match="/">
    <xsl:choose>
      <xsl:when test="//*[@id = 'visual-portal-wrapper']"><xsl:call-template name="theme"/></xsl:when>
      <xsl:otherwise><xsl:apply-templates select="@*|node()"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template name="theme">
    <html lang="en">
      <xsl:copy-of select="/html/@lang"/>
      <head><meta charset="utf-8"/><xsl:apply-templates select="//title"/><xsl:if test="not(//meta[@name = 'viewport'])"><meta name="viewport" content="width=device-width"/></xsl:if><link rel="stylesheet" href="theme.css"/><xsl:copy-of select="/html/head/link[@rel='stylesheet'] | /html/head/script"/></head>
      <body>
        <xsl:copy-of select="//body/@*"/>
        <xsl:attribute name="class">theme<xsl:if test="//body/@class"><xsl:text> </xsl:text><xsl:value-of select="//body/@class"/></xsl:if></xsl:attribute>
        <xsl:choose>
          <xsl:when test="not($authenticated)"/>
          <xsl:when test="not($ajax) and //*[@id = 'edit-bar']"><xsl:apply-templates select="//*[@id = 'edit-bar']/node()"/></xsl:when>
          <xsl:otherwise><div id="toolbar">tools</div></xsl:otherwise>
        </xsl:choose>
        <nav id="mainnav">
          <ul class="nav {$path}">
            <xsl:for-each select="$sections">
              <xsl:variable name="link" select="./a"/>
              <xsl:variable name="item">
                <a href="{$link/@href}" title="{normalize-space($link)}"><xsl:copy-of select="$link/node()"/></a>
              </xsl:variable>
              <li>
                <xsl:if test="contains(@class, 'selected')"><xsl:attribute name="class">active</xsl:attribute></xsl:if>
                <xsl:choose>
                  <xsl:when test="starts-with($link/@href, $portal_url)"><xsl:copy-of select="$item"/></xsl:when>
                  <xsl:otherwise><span class="external"><xsl:copy-of select="$item"/></span></xsl:otherwise>
                </xsl:choose>
              </li>
            </xsl:for-each>
          </ul>
        </nav>
        <xsl:for-each select="//*[@class and contains(concat(' ', normalize-space(@class), ' '), ' portalMessage ')]">
          <xsl:variable name="kind">
            <xsl:choose>
              <xsl:when test="contains(concat(' ', @class, ' '), ' error ')">danger</xsl:when>
              <xsl:when test="contains(concat(' ', @class, ' '), ' warning ')">warning</xsl:when>
              <xsl:otherwise>info</xsl:otherwise>
            </xsl:choose>
          </xsl:variable>
          <div role="alert" class="alert alert-{$kind}"><strong><xsl:value-of select="./*[1]"/></strong><xsl:text> </xsl:text><xsl:copy-of select="./*[2]/node()"/></div>
        </xsl:for-each>
        <main id="content">
          <xsl:choose>
            <xsl:when test="$raw-page"><xsl:copy-of select="//*[@id = 'portal-column-content']/node()"/></xsl:when>
            <xsl:otherwise><xsl:apply-templates select="//*[@id = 'portal-column-content']"/></xsl:otherwise>
          </xsl:choose>
        </main>
        <xsl:if test="//*[@id = 'portal-column-one']">
          <aside id="side"><div class="well"><xsl:apply-templates select="//*[@id='portal-column-one']/node()"/></div></aside>
        </xsl:if>
        <footer id="foot"><xsl:apply-templates select="//*[@id = 'portal-footer']/*"/><p>theme foot</p></footer>
      </body>
    </html>
  </xsl:template>
  <xsl:template match="@*|node()">
    <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
  </xsl:template>
  <xsl:template match="*[@class and contains(concat(' ', normalize-space(@class), ' '), ' portalMessage ')]"/>
  <xsl:template match="*[@id = 'portal-column-content']//*[@class and contains(concat(' ', normalize-space(@class), ' '), ' documentByLine ')]"/>
  <xsl:template match="*[@id = 'viewlet-above']"><xsl:apply-templates select="node()"/></xsl:template>
  <xsl:template match="*[@id = 'portal-column-content']//h1"><h1 class="page-title {@class}"><xsl:apply-templates select="node()"/></h1></xsl:template>
  <xsl:template match="*[@id = 'portal-column-content']//table">
    <xsl:choose>
      <xsl:when test="@class"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:when>
      <xsl:otherwise><table class="table"><xsl:apply-templates select="@*|node()"/></table></xsl:otherwise>
    </xsl:choose>
    <xsl:if test="@class"><p class="note">rows: <xsl:value-of select="count(.//tr)"/></p></xsl:if>
  </xsl:template>
  <xsl:template match="img/@src[starts-with(., '/')]"><xsl:attribute name="src"><xsl:value-of select="concat($portal_url, .)"/></xsl:attribute></xsl:template>
  <xsl:template match="a[starts-with(@href, 'http')]/text()"><xsl:copy/><span class="ext">&#8599;</span></xsl:template>
</xsl:stylesheet>
