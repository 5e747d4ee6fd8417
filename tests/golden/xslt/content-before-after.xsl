<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="identity.xsl"/>
<xsl:template match="/">
<html lang="en">
<head><title>Theme</title></head>
<body class="t">
<div id="a" class="x" title="ta"><xsl:apply-templates select="/html/body/node()"/></div>
</body>
</html>
</xsl:template>
<xsl:template match="*[@id = 'one']">
  <i>before</i>
  <xsl:copy>
    <xsl:apply-templates select="@*"/>
    <i>first</i><xsl:apply-templates select="node()"/><i>last</i>
  </xsl:copy>
  <i>after</i>
</xsl:template>
</xsl:stylesheet>
