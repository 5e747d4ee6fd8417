<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="identity.xsl"/>
<xsl:template match="/">
<html lang="en">
<head><title>Theme</title></head>
<body class="t">
<div id="a" class="x" title="ta"><xsl:apply-templates select="//body"/></div><div id="b"><p>theme b</p></div>
</body>
</html>
</xsl:template>
<xsl:template match="*"/>
<xsl:template match="div | body"><xsl:apply-templates select="node()"/></xsl:template>
<xsl:template match="b"><u>b</u></xsl:template>
</xsl:stylesheet>
