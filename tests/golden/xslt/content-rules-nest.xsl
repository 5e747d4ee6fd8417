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
<xsl:template match="*[@id = 'two']//i"/>
<xsl:template match="*[@id = 'two']"><xsl:apply-templates select="node()"/></xsl:template>
<xsl:template match="*[@id = 'two']//b"><strong><xsl:apply-templates select="text()"/></strong></xsl:template>
</xsl:stylesheet>
