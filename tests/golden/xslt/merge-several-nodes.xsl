<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="identity.xsl"/>
<xsl:template match="/">
<html lang="en">
<head><title>Theme</title></head>
<body class="t">
<div id="a" class="x" title="ta">
<xsl:attribute name="id">a<xsl:for-each select="//*[@id = 'one'] | //*[@id = 'two'] | //li">
  <xsl:if test="@id"><xsl:text> </xsl:text><xsl:value-of select="@id"/></xsl:if>
</xsl:for-each></xsl:attribute>theme a</div>
<div id="b"><p>theme b</p></div>
</body>
</html>
</xsl:template>
</xsl:stylesheet>
