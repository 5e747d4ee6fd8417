<?php
/**
 * Plugin Name: Purge livery
 * Description: Tells the cache in front of this site what has changed.
 *
 * Copy it to wp-content/mu-plugins/, and say where livery listens if it is not
 * here, in wp-config.php: define( 'LIVERY', 'http://192.0.2.1:8080' );
 * livery takes PURGE from the peers in its option `allowed`.
 */
defined( 'ABSPATH' ) || exit;
defined( 'LIVERY' ) || define( 'LIVERY', 'http://127.0.0.1:8080' );

final class Livery_Purge {
	/** Paths that are to be purged when the request is over. */
	private static $paths = array();

	public static function begin() {
		add_action( 'transition_post_status', array( __CLASS__, 'on_status' ), 10, 3 );
		/* Before its address changes, or goes. */
		add_action( 'pre_post_update', array( __CLASS__, 'on_leaving' ) );
		add_action( 'wp_trash_post', array( __CLASS__, 'on_leaving' ) );
		add_action( 'before_delete_post', array( __CLASS__, 'on_leaving' ) );
		add_action( 'comment_post', array( __CLASS__, 'on_comment' ) );
		add_action( 'edit_comment', array( __CLASS__, 'on_comment' ) );
		add_action( 'wp_set_comment_status', array( __CLASS__, 'on_comment' ) );
		foreach ( array( 'switch_theme', 'customize_save_after', 'wp_update_nav_menu', 'update_option_sidebars_widgets', 'update_option_permalink_structure' ) as $hook ) {
			add_action( $hook, array( __CLASS__, 'on_everything' ) );
		}
		add_action( 'shutdown', array( __CLASS__, 'send' ) );
	}

	/* Drafts are nobody's business; what was public or becomes so is. */
	public static function on_status( $new, $old, $post ) {
		if ( 'publish' === $new || 'publish' === $old ) {
			self::on_post( $post->ID );
		}
	}

	public static function on_leaving( $id ) {
		if ( 'publish' === get_post_status( $id ) ) {
			self::on_post( $id );
		}
	}

	public static function on_post( $id ) {
		$post = get_post( $id );
		if ( ! $post || wp_is_post_revision( $post ) ) {
			return;
		}
		/* Templates and menus are on every page. */
		if ( in_array( $post->post_type, array( 'wp_template', 'wp_template_part', 'wp_global_styles', 'wp_navigation' ), true ) ) {
			self::on_everything();
			return;
		}
		self::add( get_permalink( $post ) );
		self::add( home_url( '/' ) );
		self::add( get_feed_link() );
		self::add( get_feed_link( 'comments_rss2' ) );
		self::add( get_post_comments_feed_link( $post->ID ) );
		self::add( get_author_posts_url( (int) $post->post_author ) );
		self::add( rest_url( 'wp/v2/posts/' . $post->ID ) );
		self::add( rest_url( 'wp/v2/posts' ) );
		foreach ( get_object_taxonomies( $post ) as $taxonomy ) {
			foreach ( wp_get_post_terms( $post->ID, $taxonomy ) as $term ) {
				self::add( get_term_link( $term ) );
			}
		}
	}

	public static function on_comment( $id ) {
		$comment = get_comment( $id );
		if ( $comment ) {
			self::on_post( $comment->comment_post_ID );
		}
	}

	public static function on_everything() {
		self::$paths['/.*'] = true;
	}

	private static function add( $url ) {
		if ( ! is_string( $url ) ) {
			return;
		}
		$path  = wp_parse_url( $url, PHP_URL_PATH ) ?: '/';
		$query = wp_parse_url( $url, PHP_URL_QUERY );
		self::$paths[ $query ? "$path?$query" : $path ] = true;
	}

	/* An entry that is deleted, or saved twice, is told once. */
	public static function send() {
		foreach ( array_keys( self::$paths ) as $path ) {
			wp_remote_request( LIVERY . $path, array(
				'method'   => 'PURGE',
				'headers'  => array(
					'Host'           => wp_parse_url( home_url(), PHP_URL_HOST ),
					'X-Purge-Method' => '/.*' === $path ? 'regex' : 'exact',
				),
				'timeout'  => 2,
				'blocking' => false,
			) );
		}
	}
}
Livery_Purge::begin();
