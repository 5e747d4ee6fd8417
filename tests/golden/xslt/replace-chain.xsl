<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="identity.xsl"/>
<xsl:template match="/">
<html lang="en">
<head><title>Theme</title></head>
<body class="t">
<xsl:choose>
  <xsl:when test="//*[@id = 'nope']"><xsl:apply-templates select="//*[@id = 'one']"/></xsl:when>
  <xsl:when test="//*[@id = 'three']"><xsl:apply-templates select="//*[@id = 'three']"/></xsl:when>
  <xsl:otherwise><hr/></xsl:otherwise>
</xsl:choose>
<div id="b"><p>theme b</p></div>
</body>
</html>
</xsl:template>
</xsl:stylesheet>
